"""The tests: unit tests mirror the package; contract/, kernel/, attacks/ and browser/ are tiers with real parts."""
