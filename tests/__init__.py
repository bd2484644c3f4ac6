"""The tests: unit tests mirror the package; contract/, kernel/ and browser/ are tiers with real parts."""
