# One policy each: queue policies name their queue.
data "aws_iam_policy_document" "queue" {
  for_each = local.queue_arns

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [each.value]

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

  # What the rules cannot deliver goes to the dead-letter queue by the same right.
  dynamic "statement" {
    for_each = toset(startswith(each.key, "events") ? ["rules"] : [])

    content {
      sid       = "RulesDeliver"
      actions   = ["sqs:SendMessage"]
      resources = [each.value]

      principals {
        type        = "Service"
        identifiers = ["events.amazonaws.com"]
      }

      condition {
        test     = "ArnEquals"
        variable = "aws:SourceArn"
        values   = [local.rule_arn, local.ended_rule_arn]
      }
    }
  }
}

resource "aws_sqs_queue" "events" {
  name                       = local.queue_names.events
  max_message_size           = 262144
  message_retention_seconds  = var.queues.retention_seconds
  visibility_timeout_seconds = 6 * var.function.timeout_seconds.announcer
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  policy                     = data.aws_iam_policy_document.queue["events"].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.events_dlq.arn
    maxReceiveCount     = var.queues.max_receive_count
  })

  tags = var.tags
}

resource "aws_sqs_queue" "events_dlq" {
  name                      = local.queue_names.events_dlq
  max_message_size          = 262144
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  policy                    = data.aws_iam_policy_document.queue["events_dlq"].json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arns.events]
  })

  tags = var.tags
}

resource "aws_sqs_queue" "stamps" {
  name                       = local.queue_names.stamps
  max_message_size           = 262144
  message_retention_seconds  = var.queues.retention_seconds
  visibility_timeout_seconds = 6 * var.function.timeout_seconds.stamper + var.stamper.batching_window_seconds
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  policy                     = data.aws_iam_policy_document.queue["stamps"].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.stamps_dlq.arn
    maxReceiveCount     = var.queues.max_receive_count
  })

  tags = var.tags
}

resource "aws_sqs_queue" "stamps_dlq" {
  name                      = local.queue_names.stamps_dlq
  max_message_size          = 262144
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  policy                    = data.aws_iam_policy_document.queue["stamps_dlq"].json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arns.stamps]
  })

  tags = var.tags
}
