#!/bin/sh
# Starts a function's runtime: by the emulator as /lambda-entrypoint.sh, and the client itself as /var/runtime/bootstrap.
if [ -n "$1" ]; then export _HANDLER="$1"; fi
if [ -z "$AWS_LAMBDA_RUNTIME_API" ]; then
  exec /usr/local/bin/aws-lambda-rie /var/runtime/bootstrap "$_HANDLER"
fi
export PYTHONPATH=/var/task:/opt/python:/opt/python/lib/python3.13/site-packages:/var/runtime
exec /var/lang/bin/python3.13 -m awslambdaric "$_HANDLER"
