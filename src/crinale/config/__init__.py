"""Wiring: the settings, the processes of a node, the command line, and which connector serves which port.

Nothing here knows about the domain; nothing below imports from here.
"""
