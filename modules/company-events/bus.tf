# ---------------------------------------------------------------------------------------------------------------------
# Bus
# ---------------------------------------------------------------------------------------------------------------------

resource "aws_cloudwatch_event_bus" "this" {
  for_each = toset(var.bus.existing == null ? ["this"] : [])

  name               = local.bus_name
  description        = "Company events that reach whole segments."
  kms_key_identifier = var.kms_key_arn

  tags = var.tags
}

# Principals of this account need no statement: their own policies decide.
data "aws_iam_policy_document" "bus" {
  # checkov:skip=CKV_AWS_283:The organisation is named by a condition, as principals cannot be.
  dynamic "statement" {
    for_each = toset(length(var.bus.source_accounts) > 0 ? ["accounts"] : [])

    content {
      sid       = "AccountsPutEvents"
      actions   = ["events:PutEvents"]
      resources = [local.bus_arn]

      principals {
        type        = "AWS"
        identifiers = [for account in var.bus.source_accounts : "arn:${local.partition}:iam::${account}:root"]
      }
    }
  }

  dynamic "statement" {
    for_each = toset(length(var.bus.source_organization_ids) > 0 ? ["organizations"] : [])

    content {
      sid       = "OrganizationsPutEvents"
      actions   = ["events:PutEvents"]
      resources = [local.bus_arn]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:PrincipalOrgID"
        values   = var.bus.source_organization_ids
      }
    }
  }
}

resource "aws_cloudwatch_event_bus_policy" "this" {
  for_each = toset(length(var.bus.source_accounts) + length(var.bus.source_organization_ids) > 0 ? ["this"] : [])

  event_bus_name = aws_cloudwatch_event_bus.this["this"].name
  policy         = data.aws_iam_policy_document.bus.json
}

# What a producer needs, here or in another account.
data "aws_iam_policy_document" "producer" {
  statement {
    sid       = "PutCompanyEvents"
    actions   = ["events:PutEvents"]
    resources = [local.bus_arn]
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Rule: company events and stops go to the events queue
# ---------------------------------------------------------------------------------------------------------------------

locals {
  # The ARN of a rule of the default bus does not name the bus.
  rule_arn = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.bus_name == "default" ? "" : "${local.bus_name}/"}${local.name}"
}

resource "aws_cloudwatch_event_rule" "events" {
  name           = local.name
  description    = "Company events, and stops of their runs, go to the queue ${local.queue_names.events}."
  event_bus_name = var.bus.existing == null ? aws_cloudwatch_event_bus.this["this"].name : local.bus_name

  event_pattern = jsonencode(merge(
    { "detail-type" = ["Company Event", "Company Event Stop"] },
    length(var.bus.sources) == 0 ? {} : { source = var.bus.sources },
  ))

  tags = var.tags
}

resource "aws_cloudwatch_event_target" "events" {
  rule           = aws_cloudwatch_event_rule.events.name
  event_bus_name = aws_cloudwatch_event_rule.events.event_bus_name
  target_id      = "events-queue"
  arn            = aws_sqs_queue.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.events_dlq.arn
  }
}

# ---------------------------------------------------------------------------------------------------------------------
# Rule: executions that end otherwise than by reaching their end, so that their runs do not stay open
# ---------------------------------------------------------------------------------------------------------------------

locals {
  ended_rule_name = "${local.name}-ended"
  ended_rule_arn  = "arn:${local.partition}:events:${local.region}:${local.account_id}:rule/${local.ended_rule_name}"
}

# Services put their own events on the default bus.
resource "aws_cloudwatch_event_rule" "ended" {
  name        = local.ended_rule_name
  description = "Runs whose execution was aborted or failed are closed by way of the queue ${local.queue_names.events}."

  event_pattern = jsonencode({
    source        = ["aws.states"]
    "detail-type" = ["Step Functions Execution Status Change"]
    detail        = { stateMachineArn = [local.machine_arn], status = ["ABORTED", "FAILED", "TIMED_OUT"] }
  })

  tags = var.tags
}

resource "aws_cloudwatch_event_target" "ended" {
  rule      = aws_cloudwatch_event_rule.ended.name
  target_id = "events-queue"
  arn       = aws_sqs_queue.events.arn

  dead_letter_config {
    arn = aws_sqs_queue.events_dlq.arn
  }
}
