namespace SearchEngine.Lexical.Tests;

public sealed class OrdinalBitsTests
{
    [Fact]
    public void Holds_what_was_put_in()
    {
        int[] ordinals = [0, 63, 64, 1_000_000, 5, 5];
        var bits = OrdinalBits.Of(ordinals);

        Assert.Equal([0, 5, 63, 64, 1_000_000], bits.Ordinals());
        Assert.Equal(5, bits.Count);
        Assert.Equal(1_000_001, bits.Length);
        Assert.True(bits.Contains(64));
        Assert.False(bits.Contains(65) || bits.Contains(-1) || bits.Contains(int.MaxValue));
        Assert.Equal(0, OrdinalBits.Of([]).Count);
        Assert.Throws<ArgumentOutOfRangeException>(() => OrdinalBits.Of([-1]));
        Assert.Throws<ArgumentException>(() => new OrdinalBits([1], 65));
    }
}
