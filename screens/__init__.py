"""The screens: the only package that imports streamlit; no analysis and no SQL."""
