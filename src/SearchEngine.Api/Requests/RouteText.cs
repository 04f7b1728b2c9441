using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http.Features;

namespace SearchEngine.Api.Requests;

/// <summary>
/// Names and keys in an address are what its percent-encoded segments say, each decoded once: keys of ingested files are full of slashes, and
/// a key may hold "%2F" itself. The server decodes all but an escaped slash and takes "." and ".." out, escaped ones too, so that
/// <c>DELETE …/documents/%2E%2E</c> would delete the collection: addresses with such segments are refused.
/// </summary>
internal static class RouteText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Puts the decoded segments into the values of a request's route.</summary>
    /// <exception cref="RequestException">The address has a segment that is dots, or is not percent-encoded UTF-8.</exception>
    public static Task UnescapeAsync(HttpContext context, RequestDelegate next)
    {
        var segments = SegmentsOf(context.Features.Get<IHttpRequestFeature>()?.RawTarget ?? string.Empty);
        for (var i = 0; i < segments.Length; i++)
        {
            segments[i] = Decode(segments[i]);
            if (segments[i] is "." or "..")
            {
                throw RequestException.Wrong(
                    "An address has no segment '.' or '..': a document with such a key is read by POST …/documents/get and written by POST …/write."
                );
            }
        }

        if (context.GetEndpoint() is RouteEndpoint endpoint)
        {
            var parts = endpoint.RoutePattern.PathSegments;
            for (var i = 0; i < parts.Count && i < segments.Length; i++)
            {
                if (
                    parts[i]
                        is {
                            IsSimple: true,
                            Parts: [Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { IsCatchAll: false } value]
                        }
                    && context.Request.RouteValues.ContainsKey(value.Name)
                )
                {
                    context.Request.RouteValues[value.Name] = segments[i];
                }
            }
        }

        return next(context);
    }

    /// <summary>The segments of a request's target: a path, or an absolute address.</summary>
    private static string[] SegmentsOf(string target)
    {
        var end = target.AsSpan().IndexOfAny('?', '#');
        var path = end < 0 ? target : target[..end];
        if (!path.StartsWith('/'))
        {
            var host = path.IndexOf("://", StringComparison.Ordinal);
            var start = host < 0 ? -1 : path.IndexOf('/', host + 3);
            if (start < 0)
                return [];
            path = path[start..];
        }

        return path[1..].Split('/');
    }

    private static string Decode(string segment)
    {
        if (!segment.Contains('%', StringComparison.Ordinal))
            return segment;
        var bytes = new byte[segment.Length];
        var count = 0;
        for (var i = 0; i < segment.Length; i++)
        {
            if (segment[i] != '%')
            {
                bytes[count++] = (byte)segment[i];
                continue;
            }

            if (i + 2 >= segment.Length || !byte.TryParse(segment.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, null, out bytes[count]))
            {
                throw NotEncoded();
            }

            count++;
            i += 2;
        }

        try
        {
            return Strict.GetString(bytes, 0, count);
        }
        catch (DecoderFallbackException)
        {
            throw NotEncoded();
        }
    }

    private static RequestException NotEncoded() =>
        RequestException.Wrong("The address is not percent-encoded UTF-8: a '%' itself is written as %25.");
}
