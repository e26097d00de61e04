"""Starts moto's server with the answers' root elements as Amazon S3 documents them.

moto names some of them after the operation, which only lenient clients read.
"""

import sys

from moto.core import serialize
from moto.server import main

ROOTS = {
    "GetBucketVersioning": "VersioningConfiguration",
    "GetBucketTagging": "Tagging",
    "GetBucketLifecycleConfiguration": "LifecycleConfiguration",
    "GetBucketCors": "CORSConfiguration",
    "GetObjectTagging": "Tagging",
}


def mend(serializer):
    answer = serializer._serialized_result_to_response

    def mended(self, response, *arguments):
        response = answer(self, response, *arguments)
        name = self.operation_model.name
        root = ROOTS.get(name)
        if root and response.get("body"):
            wrong = f"{name}Response"
            body = response["body"]
            if isinstance(body, bytes):
                body = body.replace(wrong.encode(), root.encode())
            else:
                body = body.replace(wrong, root)
            response["body"] = body
        return response

    serializer._serialized_result_to_response = mended


mend(serialize.BaseXMLSerializer)
main(sys.argv[1:])
