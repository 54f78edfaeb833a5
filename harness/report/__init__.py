"""How runs are shown: terminal, HTML, JUnit."""
