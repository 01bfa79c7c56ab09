"""The directory of the hub: the index of registry areas (IPAR) that its nodes take over."""
