"""S3 as emulated services write to it: with a role that the caller gave."""

from __future__ import annotations

from dataclasses import dataclass

from ministack.core.responses import request_scope
from ministack.services import s3

from local_cloud import service_roles
from local_cloud.refusals import refusals
from local_cloud.service.neighbours import NeighbourError, Source


@dataclass(frozen=True)
class RoleBuckets:
    """MiniStack's buckets, as a service reaches them.

    Attributes
    ----------
    principal
        Principal of the service, which the role must trust.
    content_type
        Of what it writes.
    """

    principal: str
    content_type: str

    def put(self, bucket: str, key: str, body: bytes, role_arn: str, source: Source) -> None:
        """As `Buckets.put`."""
        with request_scope(source.account, source.region):
            target = f"arn:aws:s3:::{bucket}/{key}"
            denial = service_roles.check(role_arn, self.principal, "s3:PutObject", target, source.arn)
            if denial:
                refusals.add(denial.refusal)
                raise NeighbourError(denial.message)
            with service_roles.acting_as(role_arn, self.principal):
                status, _, answer = s3._put_object(bucket, key, body, {"content-type": self.content_type})
        if status >= 300:
            raise NeighbourError(f"S3 answered {status}: {answer.decode(errors='replace')[:500]}")
