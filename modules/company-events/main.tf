data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  dns_suffix = data.aws_partition.current.dns_suffix
  region     = data.aws_region.current.id

  name = "${var.name}-company-events"

  # ARNs are built from names: a queue and its policy are made in one step, the functions and the machine name each other,
  # and a change of one leaves the policies of the others known in a plan.
  queue_names = merge(
    {
      events     = local.name
      events_dlq = "${local.name}-dlq"
      stamps     = "${local.name}-stamps"
      stamps_dlq = "${local.name}-stamps-dlq"
    },
    { for key in keys(local.interactions) : "interactions_dlq" => local.interactions_dlq },
  )
  queue_arns = { for role, name in local.queue_names : role => "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${name}" }

  function_suffixes = merge(
    {
      announcer = "announcer"
      step      = "step"
      stamper   = "stamper"
      plans     = "plans"
    },
    # Only Pinpoint calls functions.
    var.destination.pinpoint == null ? null : { stamp_hook = "stamp-hook", journey = "journey" },
    var.interactions == null ? null : { recorder = "recorder", filter = "filter", event_stream = "event-stream" },
  )
  function_names = { for role, suffix in local.function_suffixes : role => "${local.name}-${suffix}" }
  function_arns  = { for role, name in local.function_names : role => "arn:${local.partition}:lambda:${local.region}:${local.account_id}:function:${name}" }

  # Shorter than the functions' names, because roles carry the Region and end at 64 characters.
  role_names = {
    for role in concat(values(local.function_suffixes), ["machine", "scheduler", "exports", "snapshots", "stream"]) : role => "${var.name}-ce-${role}-${local.region}"
  }
  role_arns = { for role, name in local.role_names : role => "arn:${local.partition}:iam::${local.account_id}:role/${name}" }

  # Names of buckets are global and end at 63 characters, too few for account and Region in full.
  place        = substr(sha256("${local.account_id} ${local.region}"), 0, 12)
  bucket_names = { plans = "${var.name}-plans-${local.place}", exports = "${var.name}-exports-${local.place}" }
  bucket_arns  = { for role, name in local.bucket_names : role => "arn:${local.partition}:s3:::${name}" }

  # Empty where the service is no destination.
  application_id = try(var.destination.pinpoint.application_id, "")
  domain_name    = try(var.destination.connect.domain_name, "")
  instance_id    = try(coalesce(var.destination.connect.instance_id), "")
  sends_by       = coalesce(var.destination.sends_by, var.destination.pinpoint == null ? "connect" : "pinpoint")

  application_arn = "arn:${local.partition}:mobiletargeting:${local.region}:${local.account_id}:apps/${local.application_id}"
  bus_name        = var.bus.existing == null ? local.name : var.bus.existing.name
  bus_arn         = "arn:${local.partition}:events:${local.region}:${local.account_id}:event-bus/${local.bus_name}"
  table_arn       = "arn:${local.partition}:dynamodb:${local.region}:${local.account_id}:table/${local.name}"
  machine_arn     = "arn:${local.partition}:states:${local.region}:${local.account_id}:stateMachine:${local.name}"

  # Only the plans function makes schedules in the first group and removes what it does not know there.
  schedule_groups     = { plans = "${local.name}-plans", recurring = "${local.name}-recurring" }
  schedule_group_arns = { for role, name in local.schedule_groups : role => "arn:${local.partition}:scheduler:${local.region}:${local.account_id}:schedule-group/${name}" }

  reserved_user_attributes = distinct(concat(["engagement_*"], var.reserved_user_attributes))
}
