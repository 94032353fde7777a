# Plans, versioned: a run keeps the version that it began with. Exports of audiences, which hold personal data, for a day.

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_18:Access logs need a bucket of the caller's; CloudTrail's data events say the same.
  # checkov:skip=CKV_AWS_21:Plans are versioned; an export is one file that nobody changes.
  # checkov:skip=CKV_AWS_144:Plans belong to one Region, like the segments that they name.
  # checkov:skip=CKV_AWS_145:S3 encrypts with a key of AWS unless the caller gives one.
  # checkov:skip=CKV2_AWS_61:Each bucket has its own rules, below.
  # checkov:skip=CKV2_AWS_62:Changes of plans are announced; nobody waits for an export's object.
  for_each = local.bucket_names

  bucket        = each.value
  force_destroy = each.key == "exports" || var.force_destroy

  tags = var.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  for_each = local.bucket_names

  bucket                  = aws_s3_bucket.this[each.key].id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

data "aws_iam_policy_document" "bucket" {
  for_each = local.bucket_arns

  statement {
    sid       = "DenyWithoutTls"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [each.value, "${each.value}/*"]

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

resource "aws_s3_bucket_policy" "this" {
  for_each = local.bucket_names

  bucket = aws_s3_bucket.this[each.key].id
  policy = data.aws_iam_policy_document.bucket[each.key].json

  # S3 refuses two changes of a bucket's access at once.
  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_versioning" "plans" {
  bucket = aws_s3_bucket.this["plans"].id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "plans" {
  bucket = aws_s3_bucket.this["plans"].id

  rule {
    id     = "old-versions"
    status = "Enabled"

    filter {}

    # As long as a run may still read the version that it began with.
    noncurrent_version_expiration {
      noncurrent_days = var.runs.retention_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  depends_on = [aws_s3_bucket_versioning.plans]
}

resource "aws_s3_bucket_lifecycle_configuration" "exports" {
  bucket = aws_s3_bucket.this["exports"].id

  rule {
    id     = "a-day"
    status = "Enabled"

    filter {}

    expiration {
      days = 1
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
