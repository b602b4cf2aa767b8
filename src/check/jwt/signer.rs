//! Keys that the tests of tokens sign with, and their public halves.

#![cfg(test)]

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use ring::{
    pkcs8::Document,
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256_SHA256_FIXED_SIGNING,
        ECDSA_P384_SHA384_FIXED_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair,
        KeyPair as _, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RSA_PSS_SHA256,
        RSA_PSS_SHA384, RSA_PSS_SHA512, RsaEncoding, RsaKeyPair, RsaPublicKeyComponents,
    },
};
use serde_json::{Value, json};

/// A key that signs.
pub(in crate::check) enum Signer {
    Rsa(RsaKeyPair),
    Ec(&'static str, EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

impl Signer {
    /// The key of a PEM file.
    pub(in crate::check) fn rsa(pem: &str) -> Self {
        let lines = pem.lines().filter(|line| !line.starts_with("-----"));
        let der = STANDARD.decode(lines.collect::<String>()).unwrap();
        Self::Rsa(RsaKeyPair::from_pkcs8(&der).unwrap())
    }

    pub(in crate::check) fn p256() -> Self {
        Self::p256_and_der().0
    }

    /// One key twice: the second signs in DER.
    pub(in crate::check) fn p256_and_der() -> (Self, Self) {
        let pkcs8 = pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING);
        let pair = |form| ec("P-256", form, pkcs8.as_ref());
        (
            pair(&ECDSA_P256_SHA256_FIXED_SIGNING),
            pair(&ECDSA_P256_SHA256_ASN1_SIGNING),
        )
    }

    pub(in crate::check) fn p384() -> Self {
        let form = &ECDSA_P384_SHA384_FIXED_SIGNING;
        ec("P-384", form, pkcs8(form).as_ref())
    }

    pub(in crate::check) fn ed25519() -> Self {
        let pkcs8 = Ed25519KeyPair::generate_pkcs8(&SystemRandom::new()).unwrap();
        Self::Ed(Ed25519KeyPair::from_pkcs8(pkcs8.as_ref()).unwrap())
    }

    /// The signature of a message by this algorithm; a curve has one of its own.
    pub(in crate::check) fn sign(&self, algorithm: &str, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match self {
            Self::Rsa(pair) => {
                let mut signature = vec![0; pair.public().modulus_len()];
                let padding = padding(algorithm);
                pair.sign(padding, &random, message, &mut signature)
                    .unwrap();
                signature
            }
            Self::Ec(_, pair) => pair.sign(&random, message).unwrap().as_ref().to_vec(),
            Self::Ed(pair) => pair.sign(message).as_ref().to_vec(),
        }
    }

    /// The public half, under this name.
    pub(in crate::check) fn jwk(&self, kid: &str) -> Value {
        let text = |bytes: &[u8]| URL_SAFE_NO_PAD.encode(bytes);
        match self {
            Self::Rsa(pair) => {
                let public = RsaPublicKeyComponents::<Vec<u8>>::from(pair.public());
                json!({ "kty": "RSA", "kid": kid, "n": text(&public.n), "e": text(&public.e) })
            }
            Self::Ec(curve, pair) => {
                let point = &pair.public_key().as_ref()[1..];
                let (x, y) = point.split_at(point.len() / 2);
                json!({ "kty": "EC", "crv": curve, "kid": kid, "x": text(x), "y": text(y) })
            }
            Self::Ed(pair) => {
                let x = text(pair.public_key().as_ref());
                json!({ "kty": "OKP", "crv": "Ed25519", "kid": kid, "x": x })
            }
        }
    }
}

fn pkcs8(form: &'static EcdsaSigningAlgorithm) -> Document {
    EcdsaKeyPair::generate_pkcs8(form, &SystemRandom::new()).unwrap()
}

fn ec(curve: &'static str, form: &'static EcdsaSigningAlgorithm, pkcs8: &[u8]) -> Signer {
    let pair = EcdsaKeyPair::from_pkcs8(form, pkcs8, &SystemRandom::new());
    Signer::Ec(curve, pair.unwrap())
}

fn padding(algorithm: &str) -> &'static dyn RsaEncoding {
    match algorithm {
        "RS256" => &RSA_PKCS1_SHA256,
        "RS384" => &RSA_PKCS1_SHA384,
        "RS512" => &RSA_PKCS1_SHA512,
        "PS256" => &RSA_PSS_SHA256,
        "PS384" => &RSA_PSS_SHA384,
        "PS512" => &RSA_PSS_SHA512,
        other => panic!("{other} is not one of an RSA key"),
    }
}
