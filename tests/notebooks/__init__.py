"""What becomes of the notebooks in notebooks/: run beside nbval, with the offline model (scripts/notebooks.py)."""
