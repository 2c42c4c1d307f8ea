/* states_encryption.c - whether a request's encryptionConfiguration is whole. */
#include "api/states.h"

bool states_check_encryption(Call *call, Error *err)
{
    const Json *given = json_get(&call->in, S("encryptionConfiguration"));
    bool own = str_eq(json_text(json_get(given, S("type"))), S("CUSTOMER_MANAGED_KMS_KEY")),
         key = json_get(given, S("kmsKeyId")),
         period = json_get(given, S("kmsDataKeyReusePeriodSeconds"));
    if (!given || (own && key)) return true;
    if (own)
        return error_set(err, ERR_SFN_INVALID_ENCRYPTION,
                         "Invalid Encryption Configuration: kmsKeyId is required when type is "
                         "CUSTOMER_MANAGED_KMS_KEY");
    return (!key && !period) ||
           error_set(err, ERR_SFN_INVALID_ENCRYPTION,
                     "Invalid Encryption Configuration: kmsKeyId and kmsDataKeyReusePeriodSeconds "
                     "can only be given when type is CUSTOMER_MANAGED_KMS_KEY");
}
