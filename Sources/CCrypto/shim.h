#pragma once
// SHA256_Transform, for which libcrypto has no other name.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/evp.h>
#include <openssl/sha.h>
