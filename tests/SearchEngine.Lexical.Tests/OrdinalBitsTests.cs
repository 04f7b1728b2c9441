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

    [Fact]
    public void What_two_sets_share_is_in_both_and_as_long_as_the_shorter()
    {
        var random = new Random(11);
        for (var round = 0; round < 50; round++)
        {
            var (a, b) = (Draw(random), Draw(random));
            var both = OrdinalBits.Of(a).And(OrdinalBits.Of(b));

            Assert.Equal(a.Intersect(b).Order(), both.Ordinals());
            Assert.Equal(a.Intersect(b).Count(), both.Count);
            Assert.Equal(Math.Min(a.Max(), b.Max()) + 1, both.Length);
        }

        static int[] Draw(Random random)
        {
            var most = random.Next(1, 400);
            return [.. Enumerable.Range(0, random.Next(1, 200)).Select(_ => random.Next(most)).Distinct()];
        }
    }
}
