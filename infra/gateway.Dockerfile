# The gateway's image: one bundle on Node, as nobody in particular. `npm run build` puts this beside the bundle.
FROM public.ecr.aws/docker/library/node:24-slim
WORKDIR /app
COPY . .
USER node
ENV NODE_ENV=production PORT=8080
EXPOSE 8080
CMD ["node", "index.mjs"]
