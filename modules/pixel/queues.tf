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
}

resource "aws_sqs_queue" "ingest" {
  name = local.queue_names.ingest
  # Below the limit of the rejects queue, so that a refused message still fits there with its reason.
  max_message_size           = 245760
  message_retention_seconds  = var.queue.retention_seconds
  visibility_timeout_seconds = coalesce(var.queue.visibility_timeout_seconds, 6 * var.function.timeout_seconds + var.consumer.batching_window_seconds)
  kms_master_key_id          = var.kms_key_arn
  sqs_managed_sse_enabled    = var.kms_key_arn == null ? true : null
  policy                     = data.aws_iam_policy_document.queue["ingest"].json

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dlq.arn
    maxReceiveCount     = var.queue.max_receive_count
  })

  tags = var.tags
}

resource "aws_sqs_queue" "dlq" {
  name                      = local.queue_names.dlq
  max_message_size          = 262144
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  policy                    = data.aws_iam_policy_document.queue["dlq"].json

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [local.queue_arns.ingest]
  })

  tags = var.tags
}

resource "aws_sqs_queue" "rejects" {
  name                      = local.queue_names.rejects
  max_message_size          = 262144
  message_retention_seconds = 1209600
  kms_master_key_id         = var.kms_key_arn
  sqs_managed_sse_enabled   = var.kms_key_arn == null ? true : null
  policy                    = data.aws_iam_policy_document.queue["rejects"].json

  tags = var.tags
}
