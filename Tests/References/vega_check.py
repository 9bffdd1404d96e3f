"""Checks the charts in notebooks: python vega_check.py FOLDER NOTEBOOK...

Every Vega-Lite output must be valid by the schema of Vega-Lite 5, which altair 5.5.0 ships, and vl-convert must be able
to draw it. FOLDER gets, for each chart, what vl-convert drew (`3-vega.png`) and our own image (`3.png`), to be compared
by eye. Writes no fixture.

Needed: altair==5.5.0 jsonschema vl-convert-python==1.9.0
"""

import base64
import json
import pathlib
import sys

import altair
import jsonschema
import vl_convert

MIME = "application/vnd.vegalite.v5+json"
schema = json.loads(
    (pathlib.Path(altair.__file__).parent / "vegalite/v5/schema/vega-lite-schema.json").read_text(encoding="utf-8"))
validator = jsonschema.Draft7Validator(schema)
folder = pathlib.Path(sys.argv[1])
folder.mkdir(parents=True, exist_ok=True)
charts = mistakes = 0
for name in sys.argv[2:]:
    for cell in json.loads(pathlib.Path(name).read_text(encoding="utf-8"))["cells"]:
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if MIME not in data:
                continue
            charts += 1
            error = jsonschema.exceptions.best_match(validator.iter_errors(data[MIME]))
            if error is not None:
                mistakes += 1
                print(f"{name}, chart {charts}: {list(error.absolute_path)}: {error.message[:200]}")
            (folder / f"{charts}-vega.png").write_bytes(vl_convert.vegalite_to_png(data[MIME], vl_version="5.20", scale=2))
            (folder / f"{charts}.png").write_bytes(base64.b64decode("".join(data["image/png"])))
print(f"{charts} charts, {mistakes} not valid")
sys.exit(1 if mistakes or not charts else 0)
