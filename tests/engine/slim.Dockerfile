# Stands in for python:3.13-slim.
FROM timbral-stand-in/debian
LABEL timbral=stand-in
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/bin:/usr/sbin:/bin:/sbin LANG=C.UTF-8
COPY python /usr/local
# Its scripts begin with where they were made, pip's too.
RUN ldconfig && ln -sf python3.13 /usr/local/bin/python \
    && printf '#!/bin/sh\nexec python3 -m pip "$@"\n' >/usr/local/bin/pip && chmod +x /usr/local/bin/pip
CMD ["python3"]
