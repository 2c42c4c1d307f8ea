/* kms_key.c - keys of KMS and their aliases as declared records: nothing is encrypted with them. */
#include "app/resources/declared.h"
#include "app/resources/types.h"

DECLARED(kms_key, "AWS::KMS::Key", "{uuid}",
         "Arn=arn:aws:kms:{region}:{account}:key/{id} KeyId={id}",
         "KeySpec KeyUsage MultiRegion Origin",
         "BypassPolicyLockoutSafetyCheck Description Enabled EnableKeyRotation KeyPolicy KeySpec "
         "KeyUsage MultiRegion Origin PendingWindowInDays RotationPeriodInDays Tags");
DECLARED(kms_alias, "AWS::KMS::Alias", "{AliasName}", "AliasName={id}", "AliasName",
         "AliasName TargetKeyId");
