# The account of marketing: bus, plans and everything that sends.
module "company_events" {
  source = "../../modules/company-events"

  name = "announcements"

  destination = {
    pinpoint = { application_id = var.application_id }
  }

  bus = {
    source_accounts = [data.aws_caller_identity.producer.account_id]
    sources         = ["shop.backend"]
  }

  plans           = { outage = file("${path.module}/../plans/outage.json") }
  allowed_senders = ["status@example.com", "EXAMPLE"]
}

# ---------------------------------------------------------------------------------------------------------------------
# The account of the backend
# ---------------------------------------------------------------------------------------------------------------------

data "aws_caller_identity" "producer" {
  provider = aws.producer
}

data "aws_iam_policy_document" "backend_trust" {
  provider = aws.producer

  statement {
    sid     = "TheBackendsFunctionsAssumeTheRole"
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["lambda.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "backend" {
  provider = aws.producer

  name               = "shop-backend-announcer"
  description        = "Announces company events on the bus of another account."
  assume_role_policy = data.aws_iam_policy_document.backend_trust.json
}

# The bus's policy lets the account in; its own policy decides which of its roles may use that.
resource "aws_iam_role_policy" "backend" {
  provider = aws.producer

  name   = "announce"
  role   = aws_iam_role.backend.id
  policy = module.company_events.producer_policy_json
}
