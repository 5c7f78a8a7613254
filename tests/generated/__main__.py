"""Write all files that are made from the code; say which have changed."""

from __future__ import annotations

from tests.generated import FILES, ROOT


def main() -> None:
    """Write them."""
    for place, make in FILES.items():
        path, text = ROOT / place, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"wrote {place}")


if __name__ == "__main__":
    main()
