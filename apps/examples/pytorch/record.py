"""Runs the twins and writes losses.json: for each example the losses of its first steps, as it is and on small shapes."""
import json, pathlib, subprocess, sys

here = pathlib.Path(__file__).resolve().parent
small = {
    "gpt": ["--batch", "2", "--context", "16"],
    "lstm": ["--batch", "4", "--length", "10"],
    "resnet18-cifar10": ["--batch", "4"],
    "vae-mnist": ["--batch", "8"],
}
runs = []
for name, arguments in small.items():
    for given, steps in (([], 5), (arguments, 3)):
        given = ["--steps", str(steps), *given]
        lines = subprocess.check_output([sys.executable, str(here / f"{name}.py"), *given], text=True).splitlines()
        losses = [float(line.split()[-1]) for line in lines if line.startswith("step ")]
        runs.append({"example": name, "arguments": given, "losses": losses})
rows = ",\n".join(f"  {json.dumps(run)}" for run in runs)
(here / "losses.json").write_text(f"[\n{rows}\n]\n")
