"""What a person or a program sees who may not see what is confidential, or nothing at all."""
