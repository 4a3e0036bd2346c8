package listen

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"testing"

	"github.com/pion/dtls/v3"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestKeysAreDerivedAsInTheTestVectorsOfRFC3711(t *testing.T) {
	key, salt := unhex(t, "E1F97A0D3E018BE0D64FA32C06DE4139"), unhex(t, "0EC675AD498AFEEBB6960B3AABE6")
	for label, want := range map[byte]string{
		labelRTPKey:  "C61E7A93744F39EE10734AFE3FF7A087",
		labelRTPSalt: "30CBBC08863D8C85D49DB34A9AE1",
		labelRTPAuth: "CEBE321F6FF7716B6FD4AB49AF256A156D38BAA48F0A0ACF3C34E2359E6CDBCEE049646C43D9327AD175578EF72270986371C10C9A369AC2F94A8C5FBCDDDC256D6E919A48B610EF17C2041E47403576",
	} {
		w := unhex(t, want)
		got, err := deriveKey(key, salt, label, len(w))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, w) {
			t.Errorf("label %d: %X, not %s", label, got, want)
		}
	}
}

// peers makes our contexts and those of the client in pion's implementation.
func peers(t testing.TB, profile dtls.SRTPProtectionProfile) (send, receive protector, clientReads, clientSends *srtp.Context) {
	t.Helper()
	material := randomBytes(keyingLength(profile))
	send, receive, err := protectors(profile, material)
	if err != nil {
		t.Fatal(err)
	}
	salt := masterSalt(profile)
	p := srtp.ProtectionProfileAes128CmHmacSha1_80
	if profile == dtls.SRTP_AEAD_AES_128_GCM {
		p = srtp.ProtectionProfileAeadAes128Gcm
	}
	if clientSends, err = srtp.CreateContext(material[:16], material[32:32+salt], p); err != nil {
		t.Fatal(err)
	}
	if clientReads, err = srtp.CreateContext(material[16:32], material[32+salt:], p); err != nil {
		t.Fatal(err)
	}
	return send, receive, clientReads, clientSends
}

func TestAnotherImplementationOpensWhatIsSealed(t *testing.T) {
	for _, profile := range profiles {
		send, receive, clientReads, clientSends := peers(t, profile)
		const ssrc = 0xcafe0001
		for _, index := range []uint64{5, 6, 0x7fff, 0x8001, 0xffff, 0x10000, 0x10001, 0x18000, 0x1ffff, 0x20000} {
			payload := randomBytes(int(index%200) + 1)
			buf := make([]byte, bufSize)
			header, err := (&rtp.Header{Version: 2, PayloadType: 111, SequenceNumber: uint16(index), Timestamp: 7, SSRC: ssrc, CSRC: []uint32{9}}).Marshal()
			if err != nil {
				t.Fatal(err)
			}
			n := send.sealRTP(buf, copy(buf, header), payload, ssrc, index)
			var got rtp.Packet
			plain, err := clientReads.DecryptRTP(nil, buf[:n], nil)
			if err != nil {
				t.Fatalf("%v, index %x: %v", profile, index, err)
			}
			if err := got.Unmarshal(plain); err != nil || !bytes.Equal(got.Payload, payload) || got.CSRC[0] != 9 {
				t.Errorf("%v, index %x: %v %v", profile, index, got, err)
			}
		}
		for index := range uint32(3) {
			report := append([]byte{0x80, 200, 0, 6, 1, 2, 3, 4}, randomBytes(20)...)
			buf := make([]byte, bufSize)
			n := send.sealRTCP(buf, report, index)
			plain, err := clientReads.DecryptRTCP(nil, buf[:n], nil)
			if err != nil || !bytes.Equal(plain, report) {
				t.Errorf("%v, report %d: %x, %v", profile, index, plain, err)
			}
			sealed, err := clientSends.EncryptRTCP(nil, report, nil)
			if err != nil {
				t.Fatal(err)
			}
			n, got, err := receive.openRTCP(buf, sealed)
			if err != nil || !bytes.Equal(buf[:n], report) || got != index+1 {
				t.Errorf("%v, report %d of the client: %x, %d, %v", profile, index, buf[:n], got, err)
			}
			inPlace := bytes.Clone(sealed)
			if n, _, err := receive.openRTCP(inPlace, inPlace); err != nil || !bytes.Equal(inPlace[:n], report) {
				t.Errorf("%v, report %d of the client, in place: %x, %v", profile, index, inPlace[:n], err)
			}
			for at := range sealed {
				sealed[at] ^= 1
				if _, _, err := receive.openRTCP(buf, sealed); err == nil {
					t.Fatalf("%v: a packet with another byte %d is taken", profile, at)
				}
				sealed[at] ^= 1
			}
			for n := range sealed {
				if _, _, err := receive.openRTCP(buf, sealed[:n]); err == nil {
					t.Fatalf("%v: the first %d bytes of a packet are taken", profile, n)
				}
			}
		}
	}
}

// RFC 7714, 16.1.1 has a packet with its session key and salt: the key derivation is left out.
func TestAESGCMSealsAsInTheTestVectorOfRFC7714(t *testing.T) {
	p, err := newGCM(make([]byte, 16), make([]byte, 12))
	if err != nil {
		t.Fatal(err)
	}
	g := p.(*gcm)
	other, err := gcmOf(unhex(t, "000102030405060708090a0b0c0d0e0f"))
	if err != nil {
		t.Fatal(err)
	}
	g.rtp = other
	copy(g.rtpSalt[:], unhex(t, "517569642070726f2071756f"))
	header := unhex(t, "8040f17b8041f8d35501a0b2")
	payload := []byte("Gallia est omnis divisa in partes tres")
	buf := make([]byte, bufSize)
	n := g.sealRTP(buf, copy(buf, header), payload, binary.BigEndian.Uint32(header[8:]), uint64(binary.BigEndian.Uint16(header[2:])))
	want := unhex(t, "8040f17b8041f8d35501a0b2f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce")
	if !bytes.Equal(buf[:n], want) {
		t.Errorf("%x\nnot\n%x", buf[:n], want)
	}
}

func TestARepeatedIndexIsNotFresh(t *testing.T) {
	var w replayWindow
	for _, c := range []struct {
		index uint32
		fresh bool
	}{{3, true}, {3, false}, {1, true}, {1, false}, {2, true}, {70, true}, {6, false}, {7, true}, {7, false}, {69, true}, {200, true}, {137, true}, {136, false}, {200, false}, {0x7fffffff, true}, {0x7fffffff, false}} {
		if got := w.fresh(c.index); got != c.fresh {
			t.Errorf("index %d: fresh %v", c.index, got)
		}
	}
}
