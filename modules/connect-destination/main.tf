data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  region     = data.aws_region.current.id

  # ARNs are built from names, so that the policies of those who write to the domain are known in a plan.
  domain_name = coalesce(var.existing_domain_name, var.name)
  domain_arn  = "arn:${local.partition}:profile:${local.region}:${local.account_id}:domains/${local.domain_name}"

  object_type_names = { public = "${var.name}-public-events", trusted = "${var.name}-trusted-events" }

  # What CloudFormation and functions make carries it, so that no role reaches what belongs to others.
  environment_tag = { key = "engagement:environment", value = "${var.name}-connect" }

  # The key is static, so that a plan never depends on values known after apply.
  own_domain = toset(var.existing_domain_name == null ? ["this"] : [])
}

# ---------------------------------------------------------------------------------------------------------------------
# Domain, unless there is one
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_customerprofiles_domain" "this" {
  for_each = local.own_domain

  domain_name             = local.domain_name
  default_expiration_days = var.domain_expiration_days
  default_encryption_key  = var.kms_key_arn
  dead_letter_queue_url   = aws_sqs_queue.unmatched[each.key].url

  tags = var.tags
}

# ---------------------------------------------------------------------------------------------------------------------
# Objects that fit no profile
# ---------------------------------------------------------------------------------------------------------------------

locals {
  unmatched_name = "${var.name}-connect-unmatched"
  unmatched_arn  = "arn:${local.partition}:sqs:${local.region}:${local.account_id}:${local.unmatched_name}"
}

data "aws_iam_policy_document" "unmatched" {
  statement {
    sid       = "CustomerProfilesKeepsWhatFitsNoProfile"
    actions   = ["sqs:SendMessage"]
    resources = [local.unmatched_arn]

    principals {
      type        = "Service"
      identifiers = ["profile.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account_id]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [local.domain_arn]
    }
  }

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [local.unmatched_arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue" "unmatched" {
  for_each = local.own_domain

  name                      = local.unmatched_name
  message_retention_seconds = var.unmatched_objects.retention_seconds
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  policy                    = data.aws_iam_policy_document.unmatched.json

  tags = var.tags
}

# ---------------------------------------------------------------------------------------------------------------------
# Alarm
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = { for key in local.own_domain : "unmatched" => aws_sqs_queue.unmatched[key].name }

  alarm_name          = "${var.name}-connect-${each.key}"
  alarm_description   = "More than ${var.unmatched_objects.alarm_above} objects are in ${local.unmatched_name}: events of customers whom the domain ${local.domain_name} does not know, or whose object Customer Profiles could not read. Visitors without a profile are normal; a rise after an import or a release of the site is not. Import the profiles with their account number, or let only events of customers through."
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = each.value }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = var.unmatched_objects.alarm_above
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.alarm_topic_arns
  ok_actions          = var.alarm_topic_arns

  tags = var.tags
}
