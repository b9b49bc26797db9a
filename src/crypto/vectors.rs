//! Published vectors for every primitive, and what must fail.

use super::encoding::{from_hex, to_base64, to_base64url, to_hex};
use super::*;
use proptest::prelude::*;
use proptest::sample::Index;
use zeroize::Zeroizing;

fn bytes(hex: &str) -> Vec<u8> {
    from_hex(hex).unwrap()
}

fn secret(hex: &str) -> Zeroizing<[u8; 32]> {
    Zeroizing::new(bytes(hex).try_into().unwrap())
}

/// RFC 7748 6.1.
const ALICE: &str = "77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a";
const ALICE_PUBLIC: &str = "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a";
const BOB: &str = "5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb";
const BOB_PUBLIC: &str = "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f";

fn x25519(secret_hex: &str) -> X25519Secret {
    X25519Secret::from_bytes(&secret(secret_hex))
}

#[test]
fn x25519_agrees_as_in_rfc_7748() {
    let (alice, bob) = (x25519(ALICE), x25519(BOB));
    assert_eq!(to_hex(alice.public().as_bytes()), ALICE_PUBLIC);
    assert_eq!(to_hex(bob.public().as_bytes()), BOB_PUBLIC);
    // HKDF-SHA256 of RFC 7748's shared secret 4a5d9d5b...1742, computed with another library.
    let derived = [
        (Cipher::Aes256Gcm, "45fdad68568016c14962d488290cdfe3ec0782ecc7f00c1671e8c399724ab78f"),
        (
            Cipher::XChaCha20Poly1305,
            "1d44147a109216c75efd7e19bd627d916a05cf9def67146be5281a419e02921f",
        ),
    ];
    for (cipher, expected) in derived {
        let ours = alice.agree(&bob.public()).unwrap().derive(cipher);
        let theirs = bob.agree(&alice.public()).unwrap().derive(cipher);
        assert_eq!(to_hex(ours.expose_bytes()), expected);
        assert_eq!(to_hex(theirs.expose_bytes()), expected);
        assert_eq!(ours.cipher(), cipher);
    }
}

#[test]
fn hkdf_expands_as_in_rfc_5869() {
    let cases = [
        // A.1
        (
            "000102030405060708090a0b0c",
            "f0f1f2f3f4f5f6f7f8f9",
            "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
        ),
        // A.3
        (
            "",
            "",
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
        ),
    ];
    for (salt, info, expected) in cases {
        let mut output = [0; 42];
        let salt = bytes(salt);
        let salt = (!salt.is_empty()).then_some(salt.as_slice());
        let hkdf = hkdf::Hkdf::<sha2::Sha256>::new(salt, &[0x0b; 22]);
        hkdf.expand(&bytes(info), &mut output).unwrap();
        assert_eq!(to_hex(&output), expected);
    }
}

#[test]
fn refuses_a_peer_that_leads_to_the_all_zero_secret() {
    let mut small_order = vec![[0; 32]];
    let mut one = [0; 32];
    one[0] = 1;
    small_order.push(one);
    small_order.push(
        bytes("ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f")
            .try_into()
            .unwrap(),
    );
    for public in small_order {
        assert!(x25519(ALICE).agree(&X25519Public::from_bytes(public)).is_err());
    }
}

#[test]
fn ed25519_signs_as_in_rfc_8032() {
    let cases = [
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
    ];
    for (seed, public, message, signature) in cases {
        let key = SigningKey::from_seed(&secret(seed));
        let message = bytes(message);
        assert_eq!(to_hex(key.verifying_key().as_bytes()), public);
        let signed = key.sign(&message);
        assert_eq!(to_hex(signed.as_bytes()), signature);
        key.verifying_key().verify_strict(&message, &signed).unwrap();
    }
}

#[test]
fn keys_are_read_raw_and_in_der_and_in_both_alphabets() {
    let key = SigningKey::generate().unwrap().verifying_key();
    let der = [bytes("302a300506032b6570032100"), key.as_bytes().to_vec()].concat();
    for form in [key.as_bytes().to_vec(), der] {
        for text in [to_base64(&form), to_base64url(&form)] {
            assert_eq!(text.parse::<VerifyingKey>(), Ok(key));
        }
    }
    let sealing = x25519(ALICE).public();
    let der = [bytes("302a300506032b656e032100"), sealing.as_bytes().to_vec()].concat();
    assert_eq!(to_base64(&der).parse::<X25519Public>(), Ok(sealing));
    assert!(to_base64(&der).parse::<VerifyingKey>().is_err(), "a key of the other kind");
    let json = serde_json::to_string(&key).unwrap();
    assert_eq!(serde_json::from_str::<VerifyingKey>(&json).unwrap(), key);
}

#[test]
fn refuses_weak_and_non_canonical_keys() {
    // Points of order 1, 2, 4 and 8.
    for weak in [
        "0100000000000000000000000000000000000000000000000000000000000000",
        "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
        "0000000000000000000000000000000000000000000000000000000000000000",
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    ] {
        let weak = <[u8; 32]>::try_from(bytes(weak)).unwrap();
        assert_eq!(VerifyingKey::from_bytes(&weak), Err(KeyError::Weak));
    }
    // y = p + 3, which a library may take for y = 3.
    let mut twice = [0xff; 32];
    (twice[0], twice[31]) = (0xf0, 0x7f);
    assert_eq!(VerifyingKey::from_bytes(&twice), Err(KeyError::NotAPoint));
    // y = 2 has no x.
    let mut none = [0; 32];
    none[0] = 2;
    assert_eq!(VerifyingKey::from_bytes(&none), Err(KeyError::NotAPoint));
}

#[test]
fn refuses_a_signature_with_a_scalar_beyond_the_group_order() {
    let key = SigningKey::generate().unwrap();
    let signature = key.sign(b"m");
    // The order of the group, little-endian: s + L signs the same to a lax verifier.
    let order = bytes("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
    let mut changed = *signature.as_bytes();
    let mut carry = 0_u16;
    for (byte, add) in changed[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(add) + carry;
        [*byte, _] = sum.to_le_bytes();
        carry = sum >> 8;
    }
    let changed = to_base64url(&changed).parse().unwrap();
    assert!(key.verifying_key().verify_strict(b"m", &changed).is_err());
    assert!(key.verifying_key().verify_strict(b"m", &signature).is_ok());
}

#[test]
fn a_fingerprint_is_the_start_of_the_digest() {
    let key = SigningKey::from_seed(&secret(ALICE)).verifying_key();
    let digest = Sha256Digest::of(key.as_bytes());
    let expected: Vec<String> =
        digest.as_bytes()[..8].iter().map(|byte| format!("{byte:02X}")).collect();
    assert_eq!(key.fingerprint().to_string(), expected.join(":"));
    assert_eq!(key.fingerprint().to_string().len(), 23);
}

#[test]
fn opens_the_published_aead_vectors() {
    // draft-irtf-cfrg-xchacha-03 A.3.1
    let key = secret("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f");
    let sealed = Sealed {
        data: bytes(
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e",
        ),
        nonce: bytes("404142434445464748494a4b4c4d4e4f5051525354555657"),
        tag: bytes("c0875924c1c7987947deafd8780acf49"),
    };
    let associated = bytes("50515253c0c1c2c3c4c5c6c7");
    let key = SealKey::from_bytes(Cipher::XChaCha20Poly1305, key);
    let opened = key.open(&sealed, Some(&associated)).unwrap();
    assert!(opened.starts_with(b"Ladies and Gentlemen of the class of '99"));
    // The Galois/Counter Mode of Operation, McGrew and Viega, test case 16.
    let key = secret("feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308");
    let sealed = Sealed {
        data: bytes(
            "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
        ),
        nonce: bytes("cafebabefacedbaddecaf888"),
        tag: bytes("76fc6ece0f4e1768cddf8853bb2d551b"),
    };
    let associated = bytes("feedfacedeadbeeffeedfacedeadbeefabaddad2");
    let key = SealKey::from_bytes(Cipher::Aes256Gcm, key);
    let opened = key.open(&sealed, Some(&associated)).unwrap();
    assert!(to_hex(&opened).starts_with("d9313225f88406e5a55909c5aff5269a"));
}

#[test]
fn refuses_a_nonce_or_tag_of_another_length() {
    for cipher in Cipher::ALL {
        let key = SealKey::generate(cipher).unwrap();
        let sealed = key.seal(b"text", None).unwrap();
        assert_eq!((sealed.nonce.len(), sealed.tag.len()), (cipher.nonce_length(), 16));
        let mut short_tag = sealed.clone();
        short_tag.tag.truncate(12);
        let mut other_nonce = sealed.clone();
        other_nonce.nonce.resize(36 - cipher.nonce_length(), 0);
        for wrong in [short_tag, other_nonce] {
            assert_eq!(key.open(&wrong, None), Err(OpenError::Shape(cipher)));
        }
    }
}

#[test]
fn secrets_do_not_show_themselves() {
    let key = SigningKey::generate().unwrap();
    let sealing = X25519Secret::generate().unwrap();
    let shared = sealing.agree(&x25519(ALICE).public()).unwrap();
    assert_eq!(format!("{key:?} {sealing:?} {shared:?}"), "SigningKey X25519Secret SharedSecret");
    assert_eq!(format!("{:?}", shared.derive(Cipher::Aes256Gcm)), "SealKey");
}

#[test]
fn stored_secrets_come_back() {
    let key = SigningKey::generate().unwrap();
    let again = SigningKey::from_stored(&key.expose_stored()).unwrap();
    assert_eq!(again.verifying_key(), key.verifying_key());
    let sealing = X25519Secret::generate().unwrap();
    let again = X25519Secret::from_stored(&sealing.expose_stored()).unwrap();
    assert_eq!(again.public(), sealing.public());
    assert!(SigningKey::from_stored("AAAA").is_err());
}

#[test]
fn ciphers_are_named_without_regard_to_case() {
    for (name, cipher) in
        [("XChaCha20-Poly1305", Cipher::XChaCha20Poly1305), ("aes-256-gcm", Cipher::Aes256Gcm)]
    {
        assert_eq!(name.parse(), Ok(cipher));
    }
    assert!("aes-128-gcm".parse::<Cipher>().is_err() && "".parse::<Cipher>().is_err());
}

fn ciphers() -> impl Strategy<Value = Cipher> {
    prop_oneof![Just(Cipher::XChaCha20Poly1305), Just(Cipher::Aes256Gcm)]
}

proptest! {
    #[test]
    fn what_is_sealed_opens_and_nothing_else_does(
        cipher in ciphers(),
        key: [u8; 32],
        plaintext: Vec<u8>,
        associated in proptest::option::of(proptest::collection::vec(any::<u8>(), 1..40)),
        part in 0_usize..4,
        place: Index,
        bit in 0_u8..8,
    ) {
        let seal_key = SealKey::from_bytes(cipher, Zeroizing::new(key));
        let sealed = seal_key.seal(&plaintext, associated.as_deref()).unwrap();
        let opened = seal_key.open(&sealed, associated.as_deref()).unwrap();
        prop_assert_eq!(opened.as_slice(), plaintext.as_slice());

        let mut changed = sealed.clone();
        let mut changed_associated = associated.clone().unwrap_or_default();
        let bytes = match part {
            0 => &mut changed.data,
            1 => &mut changed.nonce,
            2 => &mut changed.tag,
            _ => &mut changed_associated,
        };
        if bytes.is_empty() {
            bytes.push(0);
        } else {
            let index = place.index(bytes.len());
            bytes[index] ^= 1 << bit;
        }
        let outcome = seal_key.open(&changed, Some(&changed_associated));
        prop_assert_eq!(outcome, Err(OpenError::NotAuthentic));

        let mut other = key;
        other[place.index(32)] ^= 1 << bit;
        let other = SealKey::from_bytes(cipher, Zeroizing::new(other));
        let outcome = other.open(&sealed, associated.as_deref());
        prop_assert_eq!(outcome, Err(OpenError::NotAuthentic));
    }

    #[test]
    fn base64_of_anything_comes_back_from_either_alphabet(bytes: Vec<u8>) {
        prop_assert_eq!(encoding::decode_any(&to_base64(&bytes)), Ok(bytes.clone()));
        prop_assert_eq!(encoding::decode_any(&to_base64url(&bytes)), Ok(bytes));
    }

    #[test]
    fn only_the_signed_message_verifies(seed: [u8; 32], message: Vec<u8>, place: Index, bit in 0_u8..8) {
        let key = SigningKey::from_seed(&Zeroizing::new(seed));
        let signature = key.sign(&message);
        prop_assert!(key.verifying_key().verify_strict(&message, &signature).is_ok());
        let mut changed = *signature.as_bytes();
        changed[place.index(64)] ^= 1 << bit;
        let changed = to_base64url(&changed).parse().unwrap();
        prop_assert!(key.verifying_key().verify_strict(&message, &changed).is_err());
        let mut longer = message;
        longer.push(0);
        prop_assert!(key.verifying_key().verify_strict(&longer, &signature).is_err());
    }
}

#[test]
fn macs_are_those_of_rfc_4231() {
    // RFC 4231 4.2 has a key of 20 bytes: zeros behind a key change nothing. RFC 2104 2.
    let mut key = [0; 32];
    key[..20].fill(0x0b);
    assert_eq!(
        to_hex(&MacKey::from_bytes(&key).authenticate(b"Hi There")),
        "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
    );
    key.fill(0);
    key[..4].copy_from_slice(b"Jefe");
    assert_eq!(
        to_hex(&MacKey::from_bytes(&key).authenticate(b"what do ya want for nothing?")),
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    );
}
