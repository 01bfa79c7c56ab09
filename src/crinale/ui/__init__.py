"""Accessible components, layouts, form rendering and error pages; no domain knowledge.

The design system is Bootstrap Italia, to which the guidelines of CAD art. 53 point; the aim is WCAG 2.2 AA.
"""
