#!/usr/bin/env bash
# Drives a key's life with the real AWS CLI against the endpoint in AWS_ENDPOINT_URL.
#
#   AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=… AWS_SECRET_ACCESS_KEY=… test/cli/key-life.sh
#
# Prints one line a check and `aws cli: N passed, N failed`; fails when a check does. AWS_CLI names another program.
set -uo pipefail

endpoint=${AWS_ENDPOINT_URL:?set AWS_ENDPOINT_URL to the endpoint of local AWS}
export AWS_DEFAULT_REGION=${AWS_DEFAULT_REGION:-eu-central-1} AWS_PAGER='' AWS_CONFIG_FILE=/dev/null
export AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
passed=0
failed=0

# The endpoint is given as an option, since CLIs before 2.13 do not read the variable.
call() { "${AWS_CLI:-aws}" --endpoint-url "$endpoint" --output text "$@"; }
kms() { call kms "$@"; }

# check WHAT EXPECTED ACTUAL: a check that compares two texts.
check() {
  if [[ $3 == "$2" ]]; then
    passed=$((passed + 1))
    echo "ok   $1"
  else
    failed=$((failed + 1))
    echo "FAIL $1: expected '$2', got '$3'"
  fi
}

# refused WHAT CODE COMMAND…: a check that the command fails with that code of AWS.
refused() {
  local what=$1 code=$2 said
  shift 2
  said=$("$@" 2>&1) && said="no refusal: $said"
  [[ $said == *"($code)"* ]] && said=$code
  check "$what" "$code" "$said"
}

# Operations that came to KMS after old CLIs were made, from a model of our own where the CLI has none.
newer() { call "$newer_kms" "$@"; }
newer_kms=kms
if ! kms rotate-key-on-demand help >/dev/null 2>&1; then
  newer_kms=kms-newer
  export AWS_DATA_PATH=${BASH_SOURCE[0]%/*}/models
fi

# A rotation on demand is done a moment after it was asked for.
rotation_type() {
  local type='' attempt
  for attempt in {1..20}; do
    type=$(newer list-key-rotations --key-id "$key" --query 'Rotations[0].RotationType')
    [[ $type != None ]] && break
  done
  echo "$type"
}

state() { kms describe-key --key-id "$key" --query KeyMetadata.KeyState; }

check 'the caller is the administrator' user/administrator "$(call sts get-caller-identity --query Arn | cut -d: -f6)"

key=$(kms create-key --description 'life of a key' --tags TagKey=team,TagValue=cli --query KeyMetadata.Arn)
check 'a new key is enabled' Enabled "$(state)"
kms create-alias --alias-name alias/life --target-key-id "$key"
check 'the alias names the key' "$key" "$(kms describe-key --key-id alias/life --query KeyMetadata.Arn)"
check 'the key keeps its tags' cli "$(kms list-resource-tags --key-id "$key" --query 'Tags[0].TagValue')"

printf 'a plaintext' >"$scratch/plaintext"
kms encrypt --key-id alias/life --plaintext "fileb://$scratch/plaintext" --encryption-context customer=7 \
  --query CiphertextBlob | base64 -d >"$scratch/ciphertext"
decrypt() { kms decrypt --ciphertext-blob "fileb://$scratch/ciphertext" --encryption-context "customer=$1" --query Plaintext; }
check 'what was encrypted is decrypted' 'a plaintext' "$(decrypt 7 | base64 -d)"
refused 'another context decrypts nothing' InvalidCiphertextException decrypt 8

read -r plaintext wrapped < <(kms generate-data-key --key-id alias/life --key-spec AES_256 --query '[Plaintext,CiphertextBlob]')
base64 -d <<<"$wrapped" >"$scratch/wrapped"
check 'a data key is 32 bytes' 32 "$(base64 -d <<<"$plaintext" | wc -c)"
check 'a wrapped data key is unwrapped' "$plaintext" \
  "$(kms decrypt --ciphertext-blob "fileb://$scratch/wrapped" --query Plaintext)"

kms enable-key-rotation --key-id "$key" --rotation-period-in-days 90 2>/dev/null || kms enable-key-rotation --key-id "$key"
check 'rotation is switched on' True "$(kms get-key-rotation-status --key-id "$key" --query KeyRotationEnabled)"
check 'a rotation on demand is of this key' "$key" "$(newer rotate-key-on-demand --key-id "$key" --query KeyId)"
check 'the rotation happened, on demand' ON_DEMAND "$(rotation_type)"
check 'old ciphertext is decrypted after a rotation' 'a plaintext' "$(decrypt 7 | base64 -d)"

kms disable-key --key-id "$key"
check 'the key is disabled' Disabled "$(state)"
refused 'a disabled key decrypts nothing' DisabledException decrypt 7
kms enable-key --key-id "$key"
check 'an enabled key decrypts again' 'a plaintext' "$(decrypt 7 | base64 -d)"

kms schedule-key-deletion --key-id "$key" --pending-window-in-days 7 >/dev/null
check 'deletion is pending' PendingDeletion "$(state)"
refused 'a key pending deletion decrypts nothing' KMSInvalidStateException decrypt 7
kms cancel-key-deletion --key-id "$key" >/dev/null
check 'a cancelled deletion leaves the key disabled' Disabled "$(state)"
kms enable-key --key-id "$key"
check 'and enabled it decrypts again' 'a plaintext' "$(decrypt 7 | base64 -d)"

refused 'a key that is not there' NotFoundException kms describe-key --key-id alias/nothing
AWS_ACCESS_KEY_ID=AKIANOBODYNOBODYNOBO refused 'an unknown access key' UnrecognizedClientException kms list-keys
AWS_SECRET_ACCESS_KEY=wrong refused 'a wrong secret' InvalidSignatureException kms list-keys

echo "aws cli: $passed passed, $failed failed"
((failed == 0))
