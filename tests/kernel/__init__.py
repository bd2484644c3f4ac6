"""Real ipykernels, the oldest and the newest supported. docs/testing.md tells how to use the fixtures."""
