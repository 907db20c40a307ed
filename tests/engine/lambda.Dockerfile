# Stands in for public.ecr.aws/lambda/python:3.13: its places, its variables, its way to start.
FROM timbral-stand-in/debian
LABEL timbral=stand-in
ENV LANG=en_US.UTF-8 TZ=:/etc/localtime \
    PATH=/var/lang/bin:/usr/local/bin:/usr/bin/:/bin:/opt/bin \
    LD_LIBRARY_PATH=/var/lang/lib:/lib64:/usr/lib64:/var/runtime:/var/runtime/lib:/var/task:/var/task/lib:/opt/lib \
    LAMBDA_TASK_ROOT=/var/task LAMBDA_RUNTIME_DIR=/var/runtime
COPY python /var/lang
COPY runtime /var/runtime
COPY aws-lambda-rie /usr/local/bin/aws-lambda-rie
COPY lambda-entrypoint.sh /lambda-entrypoint.sh
RUN ln -s /lambda-entrypoint.sh /var/runtime/bootstrap && mkdir -p /var/task /opt && chmod +x /lambda-entrypoint.sh
WORKDIR /var/task
ENTRYPOINT ["/lambda-entrypoint.sh"]
