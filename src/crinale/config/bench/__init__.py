"""What the machine and the code do in a second, measured on throw-away nodes beside their limits."""
