# Runs, their steps and what they made: conditional writes here are what makes a run happen once.
resource "aws_dynamodb_table" "ledger" {
  # checkov:skip=CKV_AWS_119:DynamoDB encrypts with a key of AWS unless the caller gives one.
  name         = local.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "pk"
  range_key    = "sk"

  attribute {
    name = "pk"
    type = "S"
  }

  attribute {
    name = "sk"
    type = "S"
  }

  ttl {
    attribute_name = "expires_at"
    enabled        = true
  }

  point_in_time_recovery {
    enabled = true
  }

  dynamic "server_side_encryption" {
    for_each = toset(var.kms_key_arn == null ? [] : ["kms"])

    content {
      enabled     = true
      kms_key_arn = var.kms_key_arn
    }
  }

  tags = var.tags
}
