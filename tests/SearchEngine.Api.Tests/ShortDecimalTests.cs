using System.Globalization;
using System.Text;
using SearchEngine.Api.Requests;
using SearchEngine.TestSupport;

namespace SearchEngine.Api.Tests;

/// <summary>The reader of short decimal numbers against the framework's own.</summary>
public class ShortDecimalTests
{
    [Theory]
    [InlineData("0")]
    [InlineData("-0")]
    [InlineData("-0.0")]
    [InlineData("7")]
    [InlineData("-12.5")]
    [InlineData("16777217")]
    [InlineData("16777217.0000001")]
    [InlineData("16777219")]
    [InlineData("0.0000000000000000000001")]
    [InlineData("9999999999999999999")]
    [InlineData("18446744073709551615")]
    [InlineData("18446744073709551616")]
    [InlineData("00000000000000000000000000000000000001")]
    [InlineData("0.00000000000000000000000000000000000000117549435082228750797")]
    public void Numbers_on_the_edges_are_the_frameworks_or_left_to_it(string text) => Compare(text);

    [Fact]
    public void Random_numbers_are_the_frameworks_and_few_are_left_to_it()
    {
        var seed = TestSeed.Get(11);
        var random = new Random(seed);
        var read = 0;
        const int Numbers = 300_000;
        for (var i = 0; i < Numbers; i++)
        {
            // As floats are written, as programs write a float that they hold as a double, and any digits.
            var component = (float)(random.NextDouble() * 2 - 1);
            var text = (i % 3) switch
            {
                0 => component.ToString(CultureInfo.InvariantCulture),
                1 => ((double)component).ToString(CultureInfo.InvariantCulture),
                _ => (random.NextInt64() / Math.Pow(10, random.Next(0, 18))).ToString(
                    "F" + random.Next(0, 9),
                    CultureInfo.InvariantCulture
                ),
            };
            read += Compare(text) ? 1 : 0;
        }

        Assert.True(read > Numbers * 0.8, $"{read} of {Numbers} (seed {seed})");
    }

    [Fact]
    public void Numbers_beside_the_middle_between_two_floats_are_rounded_once()
    {
        var seed = TestSeed.Get(11);
        var random = new Random(seed);
        for (var i = 0; i < 100_000; i++)
        {
            var below = (float)(random.NextDouble() * 100);
            var middle = ((double)below + MathF.BitIncrement(below)) / 2;
            var near = BitConverter.UInt64BitsToDouble(BitConverter.DoubleToUInt64Bits(middle) + (ulong)random.Next(0, 13) - 6);
            Compare(near.ToString(CultureInfo.InvariantCulture));
            Compare(near.ToString("F" + random.Next(10, 20), CultureInfo.InvariantCulture));
        }
    }

    private static bool Compare(string text)
    {
        if (!ShortDecimal.TryParse(Encoding.ASCII.GetBytes(text), out var value))
            return false;
        var expected = float.Parse(text, CultureInfo.InvariantCulture);
        Assert.True(BitConverter.SingleToInt32Bits(expected) == BitConverter.SingleToInt32Bits(value), $"{text}: {value:R}");
        return true;
    }
}
