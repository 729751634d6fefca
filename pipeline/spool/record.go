package spool

import (
	"encoding/binary"
	"hash/crc32"
	"time"
)

// A record is a header of these fields, little-endian, and then its content:
//
//	marker    4 bytes
//	length    4 bytes, of the content
//	at        8 bytes, Unix time of the append in microseconds
//	checksum  4 bytes, CRC-32C of the content
//	checksum  4 bytes, CRC-32C of all the above
const recordHeaderBytes = 24

// marker begins each record. Two of its bytes never occur in UTF-8 text, so that no
// text can contain it.
const marker = "\xff\xfei8"

// MaxRecordBytes is the largest content of a record.
const MaxRecordBytes = 2 << 20

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

// recordHeader is the parsed header of a record.
type recordHeader struct {
	length   int64
	at       time.Time
	checksum uint32
}

// appendRecord adds a record to buffer.
func appendRecord(buffer, content []byte, at time.Time) []byte {
	start := len(buffer)
	buffer = append(buffer, marker...)
	buffer = binary.LittleEndian.AppendUint32(buffer, uint32(len(content)))
	buffer = binary.LittleEndian.AppendUint64(buffer, uint64(at.UnixMicro()))
	buffer = binary.LittleEndian.AppendUint32(buffer, crc32.Checksum(content, castagnoli))
	buffer = binary.LittleEndian.AppendUint32(buffer, crc32.Checksum(buffer[start:], castagnoli))
	return append(buffer, content...)
}

// parseRecordHeader reads a header. It returns false when data is not a header, or a
// damaged one.
func parseRecordHeader(data []byte) (recordHeader, bool) {
	if len(data) < recordHeaderBytes || string(data[:4]) != marker {
		return recordHeader{}, false
	}
	length := binary.LittleEndian.Uint32(data[4:])
	if length > MaxRecordBytes || crc32.Checksum(data[:20], castagnoli) != binary.LittleEndian.Uint32(data[20:]) {
		return recordHeader{}, false
	}
	return recordHeader{
		length:   int64(length),
		at:       time.UnixMicro(int64(binary.LittleEndian.Uint64(data[8:]))).UTC(),
		checksum: binary.LittleEndian.Uint32(data[16:]),
	}, true
}
