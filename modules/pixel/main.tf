data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix
  region     = data.aws_region.current.id

  queue_names = {
    ingest  = "${var.name}-pixel-events"
    dlq     = "${var.name}-pixel-events-dlq"
    rejects = "${var.name}-pixel-rejects"
  }

  # Built from names: a queue and its policy are made in one step, and a changed queue leaves the policies known in a plan.
  queue_arns = { for key, name in local.queue_names : key => "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${name}" }

  # A pixel call must never start a company event, nor look like one of Pinpoint's own events.
  reserved_events          = distinct(concat(["_*"], var.reserved_events))
  reserved_endpoint_ids    = distinct(concat(["company-*"], var.reserved_endpoint_ids))
  reserved_user_attributes = distinct(concat(["engagement_*"], var.reserved_user_attributes))
}
