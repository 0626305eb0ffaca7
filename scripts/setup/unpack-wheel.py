# Takes TensorFlow's C library and the headers of its C interface out of a wheel: unpack-wheel.py WHEEL FOLDER
import os
import shutil
import sys
import zipfile

libraries = ["tensorflow/libtensorflow_cc.so.2", "tensorflow/libtensorflow_framework.so.2"]
headers = "tensorflow/include/"
needed = ("tensorflow/c/", "tensorflow/core/platform/", "tsl/platform/", "xla/tsl/c/", "xla/tsl/platform/")


def place(wheel, name, target):
    os.makedirs(os.path.dirname(target), exist_ok=True)
    with wheel.open(name) as source, open(target, "wb") as output:
        shutil.copyfileobj(source, output, 1 << 20)


with zipfile.ZipFile(sys.argv[1]) as wheel:
    for name in libraries:
        place(wheel, name, os.path.join(sys.argv[2], "lib", os.path.basename(name)))
    for name in wheel.namelist():
        inner = name[len(headers):]
        if name.startswith(headers) and inner.startswith(needed) and not name.endswith("/"):
            place(wheel, name, os.path.join(sys.argv[2], "include", inner))
