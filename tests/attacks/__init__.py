"""One test for each claim of SECURITY.md that is about the real runtime, kernels and pages: it tries to get through."""
