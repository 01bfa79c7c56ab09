"""One index over what people look for: numbers, Italian words, names."""
