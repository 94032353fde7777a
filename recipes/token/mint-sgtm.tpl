___TERMS_OF_SERVICE___

By creating or modifying this file you agree to Google Tag Manager's Community
Template Gallery Developer Terms of Service available at
https://developers.google.com/tag-manager/gallery-tos (or such other URL as
Google may provide), as modified from time to time.


___INFO___

{
  "type": "MACRO",
  "id": "cvt_temp_public_id",
  "version": 1,
  "securityGroups": [],
  "displayName": "Customer engagement token",
  "description": "A token with which a call of the pixel may write customer data of one endpoint. Signed with a key of the server's SGTM_CREDENTIALS file, which this container never shows.",
  "containerContexts": [
    "SERVER"
  ]
}


___TEMPLATE_PARAMETERS___

[
  {
    "type": "TEXT",
    "name": "endpointId",
    "displayName": "Endpoint ID of the customer who is logged in",
    "simpleValueType": true,
    "help": "Must come from your own session, never from what the browser says about itself.",
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "audience",
    "displayName": "Audience: the Pinpoint project's ID unless token.audience is set",
    "simpleValueType": true,
    "valueValidators": [
      {
        "type": "NON_EMPTY"
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "keyId",
    "displayName": "Key ID, as in the SGTM_CREDENTIALS file and under Permissions",
    "simpleValueType": true,
    "defaultValue": "k1",
    "valueValidators": [
      {
        "type": "REGEX",
        "args": [
          "^[A-Za-z0-9_-]{1,32}$"
        ]
      }
    ]
  },
  {
    "type": "TEXT",
    "name": "seconds",
    "displayName": "Life in seconds, at most 86400",
    "simpleValueType": true,
    "defaultValue": 3600,
    "valueValidators": [
      {
        "type": "POSITIVE_NUMBER"
      }
    ]
  }
]


___SANDBOXED_JS_FOR_SERVER___

const getTimestampMillis = require('getTimestampMillis');
const hmacSha256 = require('hmacSha256');
const makeNumber = require('makeNumber');
const Math = require('Math');

// Without a customer there is nothing to vouch for.
if (!data.endpointId || !data.audience || !data.keyId) {
  return undefined;
}

const expiry = Math.floor(getTimestampMillis() / 1000) + makeNumber(data.seconds);
const signed = 'v1\n' + data.audience + '\n' + data.keyId + '\n' + expiry + '\n' + data.endpointId;
const signature = hmacSha256(signed, data.keyId, {outputEncoding: 'base64url'});

// Google does not say whether its base64url is padded; a token is not.
return data.keyId + '.' + expiry + '.' + signature.split('=')[0];


___SERVER_PERMISSIONS___

[
  {
    "instance": {
      "key": {
        "publicId": "use_custom_private_keys",
        "versionId": "1"
      },
      "param": [
        {
          "key": "keyIds",
          "value": {
            "type": 2,
            "listItem": [
              {
                "type": 1,
                "string": "k1"
              },
              {
                "type": 1,
                "string": "k2"
              }
            ]
          }
        }
      ]
    },
    "clientAnnotations": {
      "isEditedByUser": true
    },
    "isRequired": true
  }
]


___TESTS___

scenarios:
- name: No token without a customer
  code: |-
    assertThat(runCode({endpointId: undefined, audience: 'app', keyId: 'k1', seconds: 60})).isUndefined();
    assertApi('hmacSha256').wasNotCalled();
- name: A token names key, expiry and signature
  code: |-
    mock('getTimestampMillis', 1800000000999);
    mock('hmacSha256', 'c2lnbmF0dXJl');
    assertThat(runCode({endpointId: 'anna', audience: 'app', keyId: 'k1', seconds: 60})).isEqualTo('k1.1800000060.c2lnbmF0dXJl');
    assertApi('hmacSha256').wasCalledWith('v1\napp\nk1\n1800000060\nanna', 'k1', {outputEncoding: 'base64url'});


___NOTES___

The key file on the server, named by the environment variable SGTM_CREDENTIALS, has the same form as the key document
of the consumer: {"keys": {"k1": "<base64>"}}.
