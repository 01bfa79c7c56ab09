"""A Django database engine whose sessions always see exactly the Python scope.

Row-level security reads the session setting `crinale.body_id`. This engine makes that setting equal to
`tenancy.scope_state.current()` before each statement, and speaks to the server only when the two differ.
"""
