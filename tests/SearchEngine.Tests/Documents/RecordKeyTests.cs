using CsCheck;
using Xunit;

namespace SearchEngine.Tests.Documents;

public class RecordKeyTests
{
    private static readonly Gen<RecordKey> AnyKey = Gen.OneOf(
        Gen.String[Gen.Char.AlphaNumeric, 1, 40].Select(s => RecordKey.From(s)),
        Gen.Guid.Select(g => RecordKey.From(g)),
        Gen.Int.Select(i => RecordKey.From(i)),
        Gen.Long.Select(l => RecordKey.From(l))
    );

    [Fact]
    public void Encoding_and_decoding_gives_the_same_key() => AnyKey.Sample(key => RecordKey.Decode(key.Encode()) == key);

    [Fact]
    public void Integer_keys_sort_as_their_encoded_bytes() =>
        Gen.Select(Gen.Long, Gen.Long)
            .Sample(
                (a, b) =>
                    Math.Sign(RecordKey.From(a).Encode().AsSpan().SequenceCompareTo(RecordKey.From(b).Encode()))
                    == Math.Sign(a.CompareTo(b))
            );

    [Fact]
    public void Keys_of_different_kinds_differ() => Assert.NotEqual(RecordKey.From(1), RecordKey.From(1L));

    [Fact]
    public void A_string_key_must_not_be_empty() => Assert.Throws<ArgumentException>(() => RecordKey.From(""));

    [Fact]
    public void A_string_key_must_not_be_too_long()
    {
        var error = Assert.Throws<ArgumentException>(() => RecordKey.From(new string('x', RecordKey.MaxStringBytes + 1)));
        Assert.Contains("4000", error.Message);
    }

    [Fact]
    public void An_unpaired_surrogate_is_refused() => Assert.Throws<ArgumentException>(() => RecordKey.From("a\ud800b"));

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 2, 1, 2 })]
    [InlineData(new byte[] { 9, 1 })]
    public void Bytes_that_are_no_key_are_refused(byte[] bytes) => Assert.Throws<FormatException>(() => RecordKey.Decode(bytes));
}
