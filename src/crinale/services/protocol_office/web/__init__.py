"""The pages of the protocol office."""
