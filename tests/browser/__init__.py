"""Real JupyterLab in headless Chromium. docs/testing.md tells how to use the fixtures."""
