# Every stack of the modules, applied: tools/cloudformation_checks.py holds their templates against CloudFormation's schemas.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "stacks" {
  module {
    source = "./tests/terraform/roots/stacks"
  }
}
